"""The role `Locum`: an account that reads cases over REST and can change nothing.

Copy into the tracker's `detectors/` folder, then give Locum its own account:

    roundup-admin -i TRACKER create user username=locum password=... address=... roles=Locum
"""


def init(db):
    security = db.security
    security.addRole(name="Locum", description="reads cases, changes nothing")
    for access in "Web Access", "Rest Access":  # without the first, nobody may sign in to the second
        security.addPermissionToRole("Locum", access)
    for klass in "issue", "status", "priority":
        security.addPermissionToRole("Locum", "View", klass)
    names = security.addPermission(
        name="View",
        klass="user",
        properties=("id", "username", "organisation"),
        description="names of people, nothing else about them",
    )
    security.addPermissionToRole("Locum", names)
