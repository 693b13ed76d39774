import { IconDownload, IconLock } from '@tabler/icons-react'
import { type ReactNode, useEffect, useState } from 'react'
import { send } from '../../api/client'
import { contentAddress, type FileEntry } from '../../api/files'
import { TopBarEnd } from '../../app/TopBar'
import { Button, IconButton } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { EmptyState } from '../../components/EmptyState'
import { SegmentedControl } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Present } from '../../components/Present'
import { download } from '../../lib/download'
import { formatBytes } from '../../lib/format'
import { encodePath } from '../../lib/paths'
import { endingOf, FileIcon } from './FileIcon'
import styles from './FilesPage.module.css'
import { SaveStatus } from './SaveStatus'
import { TextFileView } from './TextFileView'

const imageEndings = new Set(['png', 'jpg', 'jpeg', 'gif', 'webp', 'svg'])
const dataEndings = new Set(['jsonl', 'csv', 'tsv'])
const longestText = 5_000_000

type Mode = 'table' | 'text'

/** A file of the share: text to edit, data as a table, an image, or something to download. */
export function FileView({ entry }: { entry: FileEntry }) {
  const ending = endingOf(entry.name)
  const [mode, setMode] = useState<Mode>(dataEndings.has(ending) ? 'table' : 'text')
  const [isForced, setForced] = useState(false)
  const isImage = imageEndings.has(ending)
  const isLong = (entry.size ?? 0) > longestText && !isForced
  return (
    <section className={styles.view} aria-label={entry.name}>
      <div className={styles.bar}>
        <FileIcon name={entry.name} kind={entry.kind} />
        <h2 className={`${styles.title} truncate`}>{entry.name}</h2>
        <span className="small secondary">{formatBytes(entry.size ?? 0)}</span>
        {!entry.writable && <Chip icon={<IconLock size={12} stroke={1.5} aria-hidden />}>Read-only</Chip>}
        <span className="grow" />
        {dataEndings.has(ending) && (
          <SegmentedControl
            label="Show as"
            value={mode}
            onChange={setMode}
            options={[
              { value: 'table' as Mode, label: 'Table' },
              { value: 'text' as Mode, label: 'Text' },
            ]}
          />
        )}
        <IconButton
          label="Download"
          icon={<IconDownload size={16} stroke={1.5} aria-hidden />}
          onClick={() => download(contentAddress(entry.path))}
        />
      </div>
      {isImage ? (
        <ImageView entry={entry} />
      ) : isLong ? (
        <TooLong entry={entry} onForce={() => setForced(true)} />
      ) : (
        <TextFileView
          key={entry.path}
          entry={entry}
          mode={mode}
          topBar={(file): ReactNode => (
            <TopBarEnd>
              <Present path={entry.path} />
              <SaveStatus file={file} isReadOnly={!entry.writable} />
            </TopBarEnd>
          )}
        />
      )}
    </section>
  )
}

function ImageView({ entry }: { entry: FileEntry }) {
  const [address, setAddress] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    let made: string | null = null
    const abort = new AbortController()
    const type = endingOf(entry.name) === 'svg' ? 'image/svg+xml' : ''
    send(`/api/content/${encodePath(entry.path)}`, { signal: abort.signal })
      .then(async (response) => {
        // As an image, a file's bytes can only be looked at: no script in an SVG runs.
        const bytes = await response.arrayBuffer()
        made = URL.createObjectURL(new Blob([bytes], { type }))
        setAddress(made)
      })
      .catch((problem: unknown) => !abort.signal.aborted && setError(problem))
    return () => {
      abort.abort()
      if (made) URL.revokeObjectURL(made)
    }
  }, [entry.path, entry.name])
  if (error) return <ErrorMessage error={error} bar />
  return <div className={styles.image}>{address && <img src={address} alt={entry.name} />}</div>
}

function TooLong({ entry, onForce }: { entry: FileEntry; onForce: () => void }) {
  return (
    <EmptyState
      title="This file is large"
      actions={
        <>
          <Button variant="primary" onClick={() => download(contentAddress(entry.path))}>
            Download file
          </Button>
          <Button onClick={onForce}>Open anyway</Button>
        </>
      }
    >
      It has {formatBytes(entry.size ?? 0)}; opening it here may be slow.
    </EmptyState>
  )
}
