import type { GatehouseConfig } from '../../lib/settings/gatehouse-config.ts'

const { API = '', PARTNER = '' } = process.env

/** The API of the logins that are measured, and one of somebody else, which misbehaves. */
export default {
  routes: [
    { path: '/user/login', to: API, kind: 'login' },
    { path: '/partner', to: PARTNER },
  ],
} satisfies GatehouseConfig
