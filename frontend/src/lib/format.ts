/** Numbers and times as people read them. */

const minute = 60
const hour = 60 * minute
const day = 24 * hour

const shortDate = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const longDate = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })
const whole = new Intl.NumberFormat('en')

export function formatCount(count: number): string {
  return whole.format(count)
}

/** `3 files`, `1 file`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return counted(bytes, 'byte')
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

export function formatDuration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const total = Math.round(seconds)
  if (total < hour) return `${Math.floor(total / minute)} min ${total % minute} s`
  return `${Math.floor(total / hour)} h ${Math.floor((total % hour) / minute)} min`
}

/** Less is no future, but clocks of two machines that differ. */
const leastAhead = 10 * minute

function formatAhead(seconds: number, at: Date, now: Date): string {
  if (seconds < hour) return `in ${Math.round(seconds / minute)} min`
  if (seconds < 2 * day) return `in ${Math.round(seconds / hour)} h`
  if (seconds < 15 * day) return `in ${Math.round(seconds / day)} days`
  return (at.getFullYear() === now.getFullYear() ? shortDate : longDate).format(at)
}

export function formatRelative(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000
  if (seconds < -leastAhead) return formatAhead(-seconds, at, now)
  if (seconds < 45) return 'just now'
  if (seconds < hour) return `${Math.max(1, Math.round(seconds / minute))} min ago`
  if (seconds < day) return `${Math.round(seconds / hour)} h ago`
  if (seconds < 2 * day) return 'yesterday'
  if (seconds < 7 * day) return `${Math.floor(seconds / day)} days ago`
  return (at.getFullYear() === now.getFullYear() ? shortDate : longDate).format(at)
}

export function formatAbsolute(at: Date): string {
  return absolute.format(at)
}
