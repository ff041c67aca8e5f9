"""奋斗卡 applications, their stages and their import."""
