import { type Role, roleWords } from '../../api/people'
import { SelectField } from '../../components/Field'

const options = (Object.keys(roleWords) as Role[]).map((value) => ({ value, label: roleWords[value] }))

export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return <SelectField label="Role" value={value} options={options} onChange={(role) => onChange(role as Role)} />
}
