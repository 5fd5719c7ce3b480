import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { isCancelled } from '../contract/errors.ts'
import { connection } from './engine.ts'
import { Lru } from '../signal/lru.ts'

/**
 * A question to the engine that follows its input. At most one call is in flight; a newer input aborts the older call and
 * wins. `value` keeps the last answer until the next one is there, so that a picture can be stretched meanwhile; it becomes null
 * when `identity` (what the answer is about, not how it is shown) changes or the input becomes null.
 */
export interface Query<Output> {
  value: Readonly<ShallowRef<Output | null>>
  loading: Readonly<Ref<boolean>>
  error: Readonly<Ref<string>>
}

interface Question<Input, Output> {
  name: string
  input: () => Input | null
  identity?: (input: Input) => string
  call: (input: Input, options: { signal: AbortSignal }) => Promise<Output>
  delayMs?: number
}

/** Bytes of the numbers in an answer; its words hardly count. */
const bytesIn = (answer: unknown): number => {
  if (ArrayBuffer.isView(answer)) return answer.byteLength
  if (typeof answer !== 'object' || answer === null) return 8
  return Object.values(answer).reduce((sum: number, part) => sum + bytesIn(part), 0)
}

const answers = new Lru<unknown>(256e6, bytesIn)

export const useQuery = <Input, Output>(question: Question<Input, Output>): Query<Output> => {
  const value = shallowRef<Output | null>(null)
  const loading = ref(false)
  const error = ref('')
  let identity = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  let flight: AbortController | undefined

  const stop = (): void => {
    clearTimeout(timer)
    flight?.abort()
    flight = undefined
    loading.value = false
  }

  const ask = async (key: string, input: Input): Promise<void> => {
    const mine = (flight = new AbortController())
    try {
      const answer = await question.call(input, { signal: mine.signal })
      answers.write(key, answer)
      if (flight === mine) value.value = answer
    } catch (failure) {
      if (flight === mine && !isCancelled(failure))
        error.value = failure instanceof Error ? failure.message : String(failure)
    } finally {
      if (flight === mine) {
        loading.value = false
        flight = undefined
      }
    }
  }

  const follow = (key: string | null): void => {
    stop()
    if (key === null) return
    error.value = ''
    const input = key ? question.input() : null
    if (input === null) {
      value.value = null
      identity = ''
      return
    }
    const about = question.identity?.(input) ?? key
    if (about !== identity) value.value = null
    identity = about
    const known = answers.read(key) as Output | undefined
    if (known !== undefined) {
      value.value = known
      return
    }
    loading.value = true
    timer = setTimeout(() => void ask(key, input), value.value === null ? 0 : (question.delayMs ?? 70))
  }

  watch(
    () => {
      // without a connection the last picture stays
      if (connection.link !== 'open') return null
      const input = question.input()
      return input === null ? '' : `${question.name} ${connection.generation} ${JSON.stringify(input)}`
    },
    follow,
    { immediate: true, flush: 'post' },
  )
  onScopeDispose(stop)
  return { value, loading, error }
}
