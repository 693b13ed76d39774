import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { type HistoryVersion, readVersionText, versionContentAddress, versionQuery } from '../../api/history'
import { Button } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage } from '../../components/Note'
import { download } from '../../lib/download'
import { formatBytes } from '../../lib/format'
import { TextDocument } from '../editor/TextDocument'
import { FileIcon } from '../files/FileIcon'
import styles from './HistoryPage.module.css'

const CodeEditor = lazy(() => import('../editor/CodeEditor').then((module) => ({ default: module.CodeEditor })))
const longestText = 2_000_000

/** What was at a path in a version: a file's text, or what a folder held. */
export function VersionContent({ path, version }: { path: string; version: string }) {
  const { data: held, error, refetch } = useQuery({ ...versionQuery(path, version), retry: false })
  if (error) return <ErrorMessage error={error} onRetry={() => void refetch()} />
  if (!held) return null
  if (held.entries) return <FolderContent held={held} version={version} />
  if (held.kind === 'link') return <EmptyState title="It was a link">A link has no content of its own.</EmptyState>
  if (held.size === null) {
    return <EmptyState title="Removed for good">Somebody has removed this content from the history.</EmptyState>
  }
  return <FileContent key={version} path={path} version={version} size={held.size} />
}

function FileContent({ path, version, size }: { path: string; version: string; size: number }) {
  const [isForced, setForced] = useState(false)
  const isShown = size <= longestText || isForced
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['history', 'content', path, version],
    queryFn: ({ signal }) => readVersionText(path, version, signal),
    enabled: isShown,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (error) return <ErrorMessage error={error} onRetry={() => void refetch()} />
  if (isShown && isPending) return null
  if (isShown && typeof data === 'string') return <TextOfThen text={data} path={path} />
  return (
    <EmptyState
      title={isShown ? 'This file is no text' : 'This file is large'}
      actions={
        <>
          <Button
            icon={<IconDownload size={16} stroke={1.5} aria-hidden />}
            onClick={() => download(versionContentAddress(path, version))}
          >
            Download file
          </Button>
          {!isShown && <Button onClick={() => setForced(true)}>Show anyway</Button>}
        </>
      }
    >
      It had {formatBytes(size)}.
    </EmptyState>
  )
}

function TextOfThen({ text, path }: { text: string; path: string }) {
  const [document] = useState(() => new TextDocument(text))
  return (
    <div className={styles.text}>
      <Suspense>
        <CodeEditor document={document} path={path} readOnly height="fill" />
      </Suspense>
    </div>
  )
}

function FolderContent({ held, version }: { held: HistoryVersion; version: string }) {
  if (held.entries?.length === 0) return <EmptyState title="The folder was empty" />
  return (
    <ul className={styles.held} aria-label={`What ${held.name} held`}>
      {held.entries?.map((entry) => (
        <li key={entry.path}>
          <Link to="/history/$" params={{ _splat: entry.path }} search={{ version, show: 'content' }}>
            <FileIcon name={entry.name} kind={entry.kind} />
            <span className="truncate">{entry.name}</span>
          </Link>
          <span className="small secondary">{entry.size !== null && formatBytes(entry.size)}</span>
        </li>
      ))}
    </ul>
  )
}
