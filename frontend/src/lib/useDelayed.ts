import { useEffect, useState } from 'react'

/** True once `active` has lasted: what is quick shows no skeleton at all. */
export function useDelayed(active: boolean, milliseconds = 150): boolean {
  const [passed, setPassed] = useState(false)
  useEffect(() => {
    if (!active) {
      setPassed(false)
      return
    }
    const timer = setTimeout(() => setPassed(true), milliseconds)
    return () => clearTimeout(timer)
  }, [active, milliseconds])
  return active && passed
}
