import type { EnvironmentPackage } from '../../api/environments'
import { DataTable } from '../../components/DataTable'
import { type Column, useTableLayout } from '../../components/tableState'

const columns: readonly Column<EnvironmentPackage>[] = [
  { id: 'name', title: 'Package', fixed: true, value: ({ name }) => name, cell: ({ name }) => <code>{name}</code> },
  { id: 'version', title: 'Version', width: 160, value: ({ version }) => version, cell: ({ version }) => version },
  {
    id: 'why',
    title: 'Asked for',
    width: 140,
    value: ({ requested }) => (requested ? 0 : 1),
    cell: ({ requested }) => <span className="secondary">{requested ? 'By the file' : 'By a package'}</span>,
  },
]

/** What is installed. */
export function Packages({ packages }: { packages: readonly EnvironmentPackage[] }) {
  const layout = useTableLayout('environment packages', columns, { column: 'name', descending: false })
  if (packages.length === 0) return <p className="secondary small">Nothing is installed yet.</p>
  return (
    <DataTable
      label="Installed packages"
      rows={packages}
      rowKey={({ name }) => name}
      rowName={({ name }) => name}
      layout={layout}
      flush
    />
  )
}
