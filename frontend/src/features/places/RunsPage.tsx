import { IconCirclePlay } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Breadcrumb } from '../../app/TopBar'
import { buttonClass } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { CommandList } from './CommandList'

export function RunsPage() {
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Runs' }]} />
      <EmptyState
        heading="h1"
        icon={<IconCirclePlay size={20} stroke={1.5} aria-hidden />}
        title="No runs yet"
        actions={
          <>
            <CommandList commands={['pf flow test --flow my-flow --inputs question="What is a flow?"']} />
            <Link to="/flows" className={buttonClass()}>
              Go to Flows
            </Link>
          </>
        }
      >
        A run is a flow over many lines of data, with its results and metrics. Until runs start from here, open a flow
        and run it on one line, or use the command line:
      </EmptyState>
    </>
  )
}
