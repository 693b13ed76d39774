NAME = "Ann"
