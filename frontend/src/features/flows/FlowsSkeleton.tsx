import cardStyles from '../../components/Card.module.css'
import { Skeleton } from '../../components/Skeleton'
import { classes } from '../../lib/classes'
import styles from './FlowsPage.module.css'

const widths = [150, 120, 170, 140, 160, 110]

/** The page while its flows load, in its final shape. */
export function FlowsSkeleton() {
  return (
    <div className={styles.skeleton} role="status" aria-label="The flows are being read">
      <Skeleton width={56} />
      <div className={styles.cards}>
        {widths.slice(0, 4).map((width) => (
          <div key={width} className={cardStyles.card}>
            <div className={styles.picture} />
            <div className={classes(styles.caption, styles.skeletonCaption)}>
              <Skeleton width={width} height={20} />
              <Skeleton width={width - 40} />
            </div>
          </div>
        ))}
      </div>
      <Skeleton width={280} height={28} />
      <div className={cardStyles.card}>
        <div className={styles.skeletonRow} />
        {widths.map((width) => (
          <div key={width} className={styles.skeletonRow}>
            <span className="row">
              <Skeleton width={20} height={20} />
              <Skeleton width={width} />
            </span>
            <Skeleton width={60} />
            <Skeleton width={90} />
            <Skeleton width={width * 1.6} />
            <Skeleton width={64} />
          </div>
        ))}
      </div>
    </div>
  )
}
