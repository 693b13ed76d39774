import styles from './Skeleton.module.css'

/** A grey bar in the shape of what is being loaded. Show it through `useDelayed`. */
export function Skeleton({ width, height }: { width: number | string; height?: number }) {
  return <span className={styles.skeleton} style={{ width, ...(height ? { height } : {}) }} aria-hidden />
}
