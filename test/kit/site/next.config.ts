import type { NextConfig } from 'next'

/** With API_ORIGIN at the build, logins are passed on by Next itself. */
const { API_ORIGIN } = process.env

const config: NextConfig = {
  rewrites: async () =>
    API_ORIGIN ? [{ source: '/user/login', destination: `${API_ORIGIN}/user/login` }] : [],
}

export default config
