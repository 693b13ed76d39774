import type { Person } from '../../api/people'
import { Avatar } from '../../components/Avatar'
import { Chip } from '../../components/Chip'
import { Time } from '../../components/Time'
import type { Column } from '../../components/tableState'
import styles from './PeoplePage.module.css'

const stateOf = (person: Person): string =>
  person.is_disabled ? 'Disabled' : person.has_password === false ? 'No password' : 'Active'

/** What is told of a person; who is no admin sees neither their state nor when they came. */
export function peopleColumns(own: string, isAdmin: boolean): Column<Person>[] {
  const forAll: Column<Person>[] = [
    {
      id: 'name',
      title: 'Username',
      fixed: true,
      value: (person) => person.username,
      cell: (person) => (
        <span className={styles.person}>
          <Avatar name={person.username} />
          {person.username}
          {person.username === own && <Chip>You</Chip>}
        </span>
      ),
    },
    { id: 'role', title: 'Role', width: 110, value: (person) => person.role, cell: (person) => person.role },
    {
      id: 'folder',
      title: 'Folder',
      width: 280,
      value: (person) => person.folder,
      cell: (person) => <span className="mono secondary">{person.folder}</span>,
    },
    {
      id: 'created',
      title: 'Since',
      width: 130,
      numeric: true,
      value: (person) => Date.parse(person.created),
      cell: (person) => <Time at={person.created} />,
    },
  ]
  if (!isAdmin) return forAll
  return [
    ...forAll,
    {
      id: 'state',
      title: 'Account',
      width: 130,
      value: stateOf,
      cell: (person) => (person.is_disabled ? <Chip tone="warning">Disabled</Chip> : stateOf(person)),
    },
    {
      id: 'last',
      title: 'Last sign-in',
      width: 140,
      numeric: true,
      value: (person) => (person.last_sign_in_at ? Date.parse(person.last_sign_in_at) : 0),
      cell: (person) => <Time at={person.last_sign_in_at} />,
    },
  ]
}
