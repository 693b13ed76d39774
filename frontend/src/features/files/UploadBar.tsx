import { Button } from '../../components/Button'
import styles from './FilesPage.module.css'
import { useUploads } from './uploads'

export function UploadBar() {
  const { done, total, cancel } = useUploads()
  if (total === 0) return null
  return (
    <div className={styles.upload}>
      <span role="status" className="small">
        {done} of {total} files
      </span>
      <progress aria-label="Upload" value={done} max={total} />
      <Button size="small" onClick={() => cancel?.()}>
        Cancel upload
      </Button>
    </div>
  )
}
