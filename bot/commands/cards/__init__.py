"""Commands for 奋斗卡 applications."""
