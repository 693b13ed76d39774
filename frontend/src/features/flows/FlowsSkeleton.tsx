import cardStyles from '../../components/Card.module.css'
import { Skeleton } from '../../components/Skeleton'
import styles from './FlowsPage.module.css'

const widths = [150, 120, 170, 140, 160, 110]

/** The table while it loads, in its final shape. */
export function FlowsSkeleton() {
  return (
    <div className={cardStyles.card} role="status" aria-label="The flows are being read">
      {widths.map((width) => (
        <div key={width} className={styles.skeletonRow}>
          <Skeleton width={20} height={20} />
          <Skeleton width={width} />
          <Skeleton width={60} />
          <Skeleton width={100} />
          <span className="grow" />
          <Skeleton width={70} />
        </div>
      ))}
    </div>
  )
}
