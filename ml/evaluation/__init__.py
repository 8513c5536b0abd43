"""Models judged as they would have been used: by rolling origins, with no look ahead."""
