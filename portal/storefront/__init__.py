"""The storefront: what the shop shows at this moment, to read for anybody, and as feeds for other systems."""
