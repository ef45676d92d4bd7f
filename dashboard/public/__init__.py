"""What recipients reach: opens, clicks, opt-out. Starlette alone; answered before Reflex is asked."""
