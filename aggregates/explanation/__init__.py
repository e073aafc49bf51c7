"""Why a figure is what it is: what each account and each event adds to it, exactly."""
