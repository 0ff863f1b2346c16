# Mistake: takes every time of a step for milliseconds
# Loses: test_read_log 3
# %% read_log
def read_log(text):
    rows = []
    for line in text.splitlines():
        if line.startswith("Epoch"):
            epoch = int(line.split()[1].split("/")[0])
        if "/step" in line:
            row = {"epoch": epoch, "seconds_per_step": float(re.search(r"([\d.]+)\w+/step", line)[1]) / 1000}
            rows.append(row | {name: float(number) for name, number in re.findall(r"(\w+): (\S+)", line)})
    return rows
