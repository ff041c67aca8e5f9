"""奋斗卡: status, verification and pre-application."""
