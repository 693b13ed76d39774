import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { sessionQuery } from '../../api/session'
import { Breadcrumb } from '../../app/TopBar'
import { TerminalPane } from './TerminalPane'
import styles from './terminal.module.css'

/** All one's terminals; with `folder`, first of all a new one there. */
export function TerminalsPage({ folder }: { folder: string | undefined }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const navigate = useNavigate()
  const [wanted] = useState(folder)
  useEffect(() => {
    // A reload of the page is no wish for another one.
    if (folder !== undefined) void navigate({ to: '/terminals', search: {}, replace: true })
  }, [folder, navigate])
  if (!session) return null
  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">Terminals</h1>
      <Breadcrumb crumbs={[{ label: 'Files', to: '/files' }, { label: 'Terminals' }]} />
      <TerminalPane
        folder={wanted ?? session.studio.share_root}
        within={null}
        opens={wanted === undefined ? 'first' : 'always'}
      />
    </div>
  )
}
