import { useCallback, useState } from 'react'
import { remember, remembered } from './storage'

/** `useState` whose value this browser keeps under `key`. */
export function useRemembered<T>(key: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState(() => remembered(key, initial))
  const set = useCallback(
    (next: T) => {
      setValue(next)
      remember(key, next)
    },
    [key],
  )
  return [value, set]
}
