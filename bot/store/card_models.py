"""Tables: 奋斗卡 applications, bindings and the records of who looked."""
