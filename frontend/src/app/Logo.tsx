import styles from './Logo.module.css'

export function Logo() {
  return (
    <span className={styles.logo}>
      <svg width="18" height="18" viewBox="0 0 16 16" fill="none" aria-hidden="true">
        <path
          d="M4 13V5.5A2.5 2.5 0 0 1 6.5 3H9a3 3 0 0 1 0 6H4"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    </span>
  )
}
