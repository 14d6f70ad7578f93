export default function Fixed() {
  return <p>made at the build</p>
}
