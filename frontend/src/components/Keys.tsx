import styles from './Keys.module.css'

const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
const macSigns: Record<string, string> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↵' }

/** The caps of a key combination written like `Ctrl+Shift+K`. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className={styles.keys}>
      {keys.split('+').map((key) => (
        <kbd key={key}>{isMac ? (macSigns[key] ?? key) : key}</kbd>
      ))}
    </span>
  )
}
