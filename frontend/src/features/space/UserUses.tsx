import { useMemo, useState } from 'react'
import type { UserUse } from '../../api/space'
import { Avatar } from '../../components/Avatar'
import { Card } from '../../components/Card'
import { DataTable } from '../../components/DataTable'
import type { MenuEntry } from '../../components/Menu'
import { type Column, useTableLayout } from '../../components/tableState'
import { formatBytes, formatCount } from '../../lib/format'
import { EmptyTrashDialog } from './EmptyTrashDialog'
import styles from './SpacePage.module.css'

const allOf = (user: UserUse): number => user.files.bytes + user.trash.bytes

const columnsOf = (quota: number | null): readonly Column<UserUse>[] => [
  {
    id: 'user',
    title: 'User',
    fixed: true,
    value: (user) => user.username,
    cell: (user) => (
      <span className="row">
        <Avatar name={user.username} />
        <span className="truncate">{user.username}</span>
      </span>
    ),
  },
  bytes('files', 'Files', (user) => user.files.bytes),
  {
    id: 'count',
    title: 'Number of files',
    width: 140,
    numeric: true,
    value: (user) => user.files.files,
    cell: (user) => formatCount(user.files.files),
  },
  bytes('caches', 'Of it caches', (user) => user.caches.bytes),
  bytes('trash', 'Trash', (user) => user.trash.bytes),
  bytes('all', 'Together', allOf),
  ...(quota === null
    ? []
    : [
        {
          id: 'quota',
          title: 'Of the quota',
          width: 120,
          numeric: true,
          value: allOf,
          cell: (user: UserUse) => `${Math.round((allOf(user) / Math.max(1, quota)) * 100)} %`,
        },
      ]),
]

function bytes(id: string, title: string, of: (user: UserUse) => number): Column<UserUse> {
  return { id, title, width: 120, numeric: true, value: of, cell: (user) => formatBytes(of(user)) }
}

/** Use by user, for an admin. */
export function UserUses({ users, quota }: { users: readonly UserUse[]; quota: number | null }) {
  const columns = useMemo(() => columnsOf(quota), [quota])
  const layout = useTableLayout('space users', columns, { column: 'all', descending: true })
  const [emptying, setEmptying] = useState<UserUse | null>(null)
  const menu = (user: UserUse): MenuEntry[] => [
    {
      label: 'Empty trash…',
      danger: true,
      disabledReason: user.trash.files > 0 ? null : 'It is empty',
      onSelect: () => setEmptying(user),
    },
  ]
  return (
    <Card as="section" padded className={styles.section} aria-labelledby="users">
      <h2 id="users" className={styles.title}>
        By user
      </h2>
      <DataTable
        label="Use by user"
        rows={users}
        rowKey={(user) => user.username}
        rowName={(user) => user.username}
        rowMenu={menu}
        layout={layout}
      />
      {emptying && (
        <EmptyTrashDialog
          owner={emptying.username}
          use={emptying.trash}
          isMine={false}
          onClose={() => setEmptying(null)}
        />
      )}
    </Card>
  )
}
