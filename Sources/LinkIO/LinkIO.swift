// LinkIO
