import { IconUser, IconUsers } from '@tabler/icons-react'
import type { Scope } from '../../api/connections'
import { SegmentedControl } from '../../components/Field'
import styles from './ConnectionsPage.module.css'

const scopes = [
  { value: 'user' as Scope, label: 'Only me', icon: <IconUser size={14} stroke={1.5} aria-hidden /> },
  { value: 'workspace' as Scope, label: 'Workspace', icon: <IconUsers size={14} stroke={1.5} aria-hidden /> },
]

interface ScopeLineProps {
  scope: Scope
  onChange: (scope: Scope) => void
  isNew: boolean
  isAdmin: boolean
}

/** Whose a connection is. It is chosen once, by admins; others make their own. */
export function ScopeLine({ scope, onChange, isNew, isAdmin }: ScopeLineProps) {
  const shown = scopes.find((each) => each.value === scope)
  return (
    <div className={styles.line}>
      <span className={styles.label}>Scope</span>
      <div className="row">
        {isNew && isAdmin ? (
          <SegmentedControl label="Scope" value={scope} onChange={onChange} options={scopes} />
        ) : (
          <>
            {shown?.icon}
            {shown?.label}
          </>
        )}
        <span className="small secondary">
          {scope === 'workspace' ? 'All may use it, admins may change it.' : 'Your own flows may use it.'}
        </span>
      </div>
    </div>
  )
}
