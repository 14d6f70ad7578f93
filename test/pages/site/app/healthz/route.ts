export const GET = () => new Response('/healthz of the app')
