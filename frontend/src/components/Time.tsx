import { formatAbsolute, formatRelative } from '../lib/format'
import { useNow } from '../lib/useNow'

/** A relative time with the absolute one on hover. */
export function Time({ at }: { at: string | number | null | undefined }) {
  const now = useNow()
  if (at === null || at === undefined) return <>–</>
  const date = new Date(at)
  return (
    <time dateTime={date.toISOString()} title={formatAbsolute(date)}>
      {formatRelative(date, now)}
    </time>
  )
}
