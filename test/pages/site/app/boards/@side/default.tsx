export default function Side() {
  return <p>nothing beside it</p>
}
