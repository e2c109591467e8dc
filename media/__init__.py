"""Images in, MP4s out: bounded downloads, and decoding in a child process that can be killed."""
