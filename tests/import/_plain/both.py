kind = "py"
