import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { contentAddress, type FileEntry, fileKeys } from '../../../api/files'
import { Button } from '../../../components/Button'
import { ErrorMessage } from '../../../components/Note'
import { Time } from '../../../components/Time'
import { download } from '../../../lib/download'
import { counted, formatBytes } from '../../../lib/format'
import { hexDump, isText, kindOfBytes } from './bytes'
import styles from './preview.module.css'
import { readRange } from './ranges'

const textHead = 64_000
const hexHead = 4096
/** Beyond that, an editor would stop the browser. */
const longestForced = 50_000_000

interface RawViewProps {
  entry: FileEntry
  /** Opens it in the editor all the same. */
  onForce?: () => void
}

/** What can be said of a file that is no text, or too long a one: facts, and how it begins. */
export function RawView({ entry, onForce }: RawViewProps) {
  const size = entry.size ?? 0
  const { data, error, refetch } = useQuery({
    queryKey: [...fileKeys.content(entry.path), 'head', entry.etag],
    queryFn: ({ signal }) => readRange(entry.path, 0, Math.min(size, textHead), entry.etag, signal),
    retry: false,
  })
  const canForce = onForce && data && isText(data) && size <= longestForced
  return (
    <div className={styles.raw}>
      <dl className={styles.facts}>
        <dt>Kind</dt>
        <dd>{data ? kindOfBytes(data) : '…'}</dd>
        <dt>Size</dt>
        <dd>
          {formatBytes(size)} <span className="secondary">({counted(size, 'byte')})</span>
        </dd>
        <dt>Changed</dt>
        <dd>
          <Time at={entry.modified} />
        </dd>
      </dl>
      <div className={styles.buttons}>
        <Button
          icon={<IconDownload size={16} stroke={1.5} aria-hidden />}
          onClick={() => download(contentAddress(entry.path))}
        >
          Download file
        </Button>
        {canForce && <Button onClick={onForce}>Open in the editor anyway</Button>}
      </div>
      {error && <ErrorMessage error={error} title="It could not be read." onRetry={() => void refetch()} />}
      {data && data.length > 0 && <Head bytes={data} size={size} />}
    </div>
  )
}

function Head({ bytes, size }: { bytes: Uint8Array; size: number }) {
  const isReadable = isText(bytes)
  const shown = isReadable ? bytes : bytes.slice(0, hexHead)
  const text = isReadable ? new TextDecoder().decode(shown, { stream: true }) : hexDump(shown)
  const title = shown.length < size ? `The first ${formatBytes(shown.length)}` : 'All of it'
  return (
    <section className={styles.head} aria-label={title}>
      <p className={styles.headTitle}>{title}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre className={styles.bytes} tabIndex={0}>
        {text}
      </pre>
    </section>
  )
}
