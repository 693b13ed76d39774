import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { connectionsQuery } from '../../../api/connections'
import { buttonClass } from '../../../components/Button'
import { Note } from '../../../components/Note'

/** Connections that the flow names and nobody has made yet. */
export function ConnectionNotes({ names }: { names: readonly string[] }) {
  const { data: connections } = useQuery(connectionsQuery)
  if (!connections) return null
  const known = new Set(connections.map((connection) => connection.name))
  return names
    .filter((name) => !known.has(name))
    .map((name) => (
      <Note
        key={name}
        tone="warning"
        actions={
          <Link to="/connections" className={buttonClass('default', 'small')}>
            Connections
          </Link>
        }
      >
        The flow names the connection <code>{name}</code>, which does not exist yet.
      </Note>
    ))
}
