import type { ServerResponse } from 'node:http'
import { toWire } from '../contract/errors.ts'

export const answerText = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(text + '\n')
}

export const answerJson = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(value))
}

/** A failure as `{ code, message, detail }`, the form errors have on every other boundary. */
export const answerError = (response: ServerResponse, status: number, error: unknown): void =>
  answerJson(response, status, toWire(error))
