from promptflow.core import tool


@tool
def prepare_examples() -> list:
    """Examples that show the model what is wanted. Add your own where it goes wrong."""
    return [
        {
            "url": "https://www.mossandclay.example/vases",
            "text_content": "Handmade vases from 30 euros. Add to cart, delivery in three days.",
            "category": "Shop",
            "evidence": "Text content",
        },
        {
            "url": "https://play.pocketgarden.example/download",
            "text_content": "Pocket Garden reminds you to water your plants. Install it on your phone.",
            "category": "App",
            "evidence": "Both",
        },
        {
            "url": "https://journal.tideland.example/papers/2041",
            "text_content": "Abstract. We measure how salt marshes slow waves and discuss the results of two experiments.",
            "category": "Academic",
            "evidence": "Text content",
        },
        {
            "url": "https://people.hilltop.example/ines-moreau",
            "text_content": "Ines Moreau is an architect in Lyon. Her work and experience.",
            "category": "Profile",
            "evidence": "Both",
        },
    ]
