export const GET = () => new Response('/readyz of the app')
