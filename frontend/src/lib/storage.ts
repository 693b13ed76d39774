/** What this browser remembers. A browser that forbids storage only forgets. */

const prefix = 'pfstudio:'

export function remembered<T>(key: string, fallback: T): T {
  try {
    const stored = localStorage.getItem(prefix + key)
    return stored === null ? fallback : (JSON.parse(stored) as T)
  } catch {
    return fallback
  }
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value))
  } catch {
    // Private windows and full storage: the setting lasts until the page is closed.
  }
}
