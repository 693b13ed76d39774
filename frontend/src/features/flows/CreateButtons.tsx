import { IconChevronDown, IconGitBranch, IconGitFork, IconLayoutGrid, IconPlus, IconUpload } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { Button, SplitButton } from '../../components/Button'
import { type FlowType, flowTypes } from '../../components/Kind'
import { Menu } from '../../components/Menu'

interface CreateButtonsProps {
  galleryCount: number | undefined
}

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

/** The page's primary button, and every other way to a new flow. */
export function CreateButtons({ galleryCount }: CreateButtonsProps) {
  const navigate = useNavigate()
  const create = (from: string) => void navigate({ to: '/flows', search: { create: from } })
  return (
    <SplitButton>
      <Button variant="primary" icon={<IconPlus {...icon} />} onClick={() => create('standard')} aria-keyshortcuts="N">
        Create flow
      </Button>
      <Menu
        position="bottom-end"
        width={256}
        entries={[
          { heading: 'New flow' },
          ...(Object.keys(flowTypes) as FlowType[]).map((type) => {
            const Icon = flowTypes[type].icon
            return { label: `${flowTypes[type].title} flow`, icon: <Icon {...icon} />, onSelect: () => create(type) }
          }),
          'line',
          { heading: 'Bring a flow' },
          { label: 'Upload a folder or zip', icon: <IconUpload {...icon} />, onSelect: () => create('upload') },
          { label: 'Clone a git repository', icon: <IconGitBranch {...icon} />, onSelect: () => create('git') },
          { label: 'Clone with its history', icon: <IconGitFork {...icon} />, onSelect: () => create('clone') },
          'line',
          {
            label: 'Browse gallery',
            icon: <IconLayoutGrid {...icon} />,
            end: galleryCount ? <span className="small secondary">{galleryCount}</span> : undefined,
            onSelect: () => create('gallery'),
          },
        ]}
      >
        <Button variant="primary" aria-label="More ways to create" title="More ways to create">
          <IconChevronDown size={12} stroke={2} aria-hidden />
        </Button>
      </Menu>
    </SplitButton>
  )
}
