"""What the desk writes of a call."""


def write_call(page, birth_name):
    """Write the call of somebody who is not in danger and wants a dressing tomorrow."""
    page.fill("#id_caller_phone", "06 12 34 56 78")
    page.fill("#id_birth_name", birth_name)
    page.check("#id_no_sign")
    page.select_option("#id_kind", "dressing")
    page.fill("#id_commune", "Saint-Bonnet-en-Champsaur")
    page.select_option("#id_delay", "h24")
