import type { MetadataRoute } from 'next'

export default function manifest(): MetadataRoute.Manifest {
  return { name: 'parity', start_url: '/', display: 'standalone' }
}
