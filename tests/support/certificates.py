"""A certificate for localhost that nobody but its own signer vouches for."""

import subprocess


def make_certificate(folder, organisation):
    """`cert.pem` and `key.pem` in the folder."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", "key.pem", "-out", "cert.pem", "-subj", f"/O={organisation}/CN=localhost", "-days", "2"],
                   cwd=folder, check=True, capture_output=True)
