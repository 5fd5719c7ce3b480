import { pagePolicy } from '../contract/page-policy.ts'

/** What every answer carries, refusals included. */
export const securityHeaders = (port: number): Record<string, string> => ({
  'Content-Security-Policy': pagePolicy(`'self' ws://127.0.0.1:${port} ws://localhost:${port}`),
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // the token is in the page's address
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
})
