export default function Board() {
  return <p>boards</p>
}
