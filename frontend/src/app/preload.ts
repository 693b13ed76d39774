export const importAuthoring = () => import('../features/authoring/AuthoringPage')

/** Fetches the authoring page's code while another page is idle: a click then opens it at once. */
export function preloadAuthoring(): void {
  void importAuthoring()
}
