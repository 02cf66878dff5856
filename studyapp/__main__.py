"""`python -m studyapp` is `studyapp`."""

from studyapp.main import main

if __name__ == "__main__":
    main()
