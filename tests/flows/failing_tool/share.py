def share_of(number):
    return 10 / number
