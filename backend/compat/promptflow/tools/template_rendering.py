"""`promptflow.tools.template_rendering`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.model_functions": "render_template_jinja2",
    },
)
