/** The first message of a stream of server-sent events; then the stream is left. */
export async function firstEvent(url: URL): Promise<string> {
  const { body } = await fetch(url)
  let text = ''
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (text.includes('\n\n')) break
  }
  return text
}
