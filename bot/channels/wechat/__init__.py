"""WeChat: an Official Account (服务号) by its webhook; each message has one passive answer."""
